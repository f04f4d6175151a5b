"""How the course's own tools talk to the kernels that they start."""

import zmq
from traitlets.config import Config

# Encrypted where libzmq can, which the wheels of pyzmq can on every platform; older versions of Jupyter's client go on
# without it and say so on stderr. The pipe between a hub's server and its kernels is a socket in the home instead.
ENCRYPTED = Config({"KernelManager": {"transport_encryption": "auto"}} if zmq.has("curve") else {})
