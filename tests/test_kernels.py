"""How the course's tools talk to the kernels that they start."""

import pytest
import zmq
from jupyter_client import KernelManager
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from tools.kernels import ENCRYPTED

ASK = "from ipykernel.kernelapp import IPKernelApp; print(IPKernelApp.instance().curve_secretkey is not None)"


@pytest.mark.skipif(not KernelManager.class_traits().get("transport_encryption"), reason="an older Jupyter client")
@pytest.mark.skipif(not zmq.has("curve"), reason="libzmq was built without encryption")
def test_what_tools_send_to_a_kernel_is_encrypted_and_no_warning_says_otherwise(capfd):
    notebook = new_notebook(cells=[new_code_cell(ASK)])
    NotebookClient(notebook, kernel_name="python3", config=ENCRYPTED).execute()
    assert notebook.cells[0].outputs[0].text == "True\n"
    assert "without encryption" not in capfd.readouterr().err
