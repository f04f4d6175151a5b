// What every view carries in place of the bundle, which travels once, in a model of its own.
const loaded = (globalThis.courseViews ??= new Map()); // code → its module

/** The module of a library, by its model's id. */
async function load(manager, id) {
  const code = (await manager.get_model(id)).get("code");
  if (!loaded.has(code)) loaded.set(code, import(URL.createObjectURL(new Blob([code], { type: "text/javascript" }))));
  return loaded.get(code);
}

export default {
  async render({ model, el }) {
    const manager = model.widget_manager, said = manager.get_model(model.get("said"));
    const [views, texts] = await Promise.all([load(manager, model.get("library")), said]);
    return views.default.render({ model, el, texts: texts.get("texts"), load: (id) => load(manager, id) });
  },
};
