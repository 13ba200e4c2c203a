// Several forms on one page: what is typed in one outlives the sending of another. It is kept in
// this tab, for this person, until the page is open again. Without this script, or where nothing
// can be kept, a form beside another opens a tab of its own.
(() => {
  const { person, elsewhere } = document.currentScript.dataset;
  const drawer = `typed/${person}`;
  const TYPED = "input:not([type=hidden], [type=submit], [type=button], [type=file]), textarea, select";

  const kept = () => { try { return JSON.parse(sessionStorage.getItem(drawer)) ?? {}; } catch { return {}; } };

  function keep(pages) {
    try {
      sessionStorage.setItem(drawer, JSON.stringify(pages));
      return true;
    } catch {
      return false;
    }
  }

  // A form that keeps itself (draft.js) is left alone.
  const forms = () => [...document.querySelectorAll("form[method=post]:not([data-autosave], #logout-form)")];
  const alike = (action) => forms().filter((form) => form.getAttribute("action") === action);
  const fields = (form) => [...form.querySelectorAll(TYPED)].filter((field) => field.name);
  const isBox = (field) => ["checkbox", "radio"].includes(field.type);

  function isTyped(field, refused) {
    if (isBox(field)) return field.checked !== field.defaultChecked;
    if (field.options) {
      const before = [...field.options].find((option) => option.defaultSelected) ?? field.options[0];
      return Boolean(before) && !before.selected;
    }
    return field.value !== field.defaultValue || (refused && field.value !== "");
  }

  // What was typed in a form; in one that came back refused that is what stands in it.
  function typed(form) {
    const refused = "typed" in form.dataset;
    return fields(form).flatMap((field, place) => (
      isTyped(field, refused) ? [{ place, name: field.name, value: isBox(field) ? field.checked : field.value }] : []));
  }

  function restore() {
    const { [location.pathname]: found, ...others } = kept();
    const nowhere = [];
    for (const { form: which, action, values } of found?.forms ?? []) {
      const form = alike(action)[which];
      for (const { place, name, value } of values) {
        const field = form && fields(form)[place];
        if (field?.name !== name) {
          if (typeof value === "string") nowhere.push(value);
          continue;
        }
        if (isBox(field)) field.checked = value;
        else field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.closest("details")?.setAttribute("open", "");
      }
    }
    if (found) keep(others);
    tell(others, nowhere);
  }

  function tell(others, nowhere) {
    const pages = Object.entries(others);
    if (!(pages.length || nowhere.length)) return;
    const notice = document.createElement("div");
    notice.id = "typed-elsewhere";
    notice.className = "what-happens";
    notice.textContent = elsewhere;
    document.getElementById("content")?.prepend(notice);
    for (const [address, { title }] of pages) {
      const link = document.createElement("a");
      link.href = address;
      link.textContent = title;
      notice.append(" ", link);
    }
    for (const words of nowhere) {
      const quoted = document.createElement("blockquote");
      quoted.dir = "auto";
      quoted.textContent = words;
      notice.append(quoted);
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll("form[target=_blank]")) form.removeAttribute("target");
    restore();
  });

  document.addEventListener("submit", (event) => {
    const all = forms();
    if (!all.includes(event.target)) return;
    const left = all.flatMap((form) => {
      const values = form === event.target ? [] : typed(form);
      const action = form.getAttribute("action");
      return values.length ? [{ form: alike(action).indexOf(form), action, values }] : [];
    });
    const { [location.pathname]: _before, ...others } = kept();
    if (!left.length) return;
    const title = document.title.split(" | ").slice(0, -1).join(" – ");
    if (!keep({ ...others, [location.pathname]: { title, forms: left } })) event.target.target = "_blank";
  });
})();
