// A dialog over the page that settles one thing, made where no page drew it. Loaded with what needs it.
export function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** Show it; true once it is settled, false where the person would rather not. `inside(settle, leave)`: what it shows;
 * `settle(work)` closes it when the work is done, and says why where it was refused. */
export function settled(className, title, inside) {
  return new Promise((resolve) => {
    const dialog = element("dialog", { className: `ask ${className}` });
    dialog.setAttribute("aria-label", title);
    const note = element("p", { className: "note note-bad", hidden: true, role: "alert" });
    let done = false;
    const settle = async (work) => {
      note.hidden = true;
      dialog.setAttribute("aria-busy", "true");
      try {
        await work();
        done = true;
        dialog.close();
      } catch (error) {
        note.textContent = error.message;
        note.hidden = false;
      }
      dialog.removeAttribute("aria-busy");
    };
    dialog.append(element("h2", { textContent: title }), ...inside(settle, () => dialog.close()), note);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(done);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
