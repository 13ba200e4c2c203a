// Suggestions while somebody types into a search box, as a combobox with a list (ARIA APG). Without
// this script, or where nothing is suggested, the form is what it is: words, and Enter.
(() => {
  const WAIT = 200; // milliseconds without a key
  const FEWEST = 2; // letters

  const enhance = (input, list, said) => {
    let waiting = 0;
    let asking = null;
    let asked = "";
    let active = -1;

    const options = () => [...list.children];
    const choose = (next) => {
      active = next;
      options().forEach((option, n) => option.setAttribute("aria-selected", String(n === next)));
      const here = list.children[next];
      if (here) {
        input.setAttribute("aria-activedescendant", here.id);
        here.scrollIntoView({ block: "nearest" });
      } else {
        input.removeAttribute("aria-activedescendant");
      }
    };
    const open = (isOpen) => {
      list.hidden = !isOpen;
      input.setAttribute("aria-expanded", String(isOpen));
      choose(-1);
    };
    const forget = () => {
      clearTimeout(waiting);
      asking?.abort();
      asked = "";
    };
    const close = () => {
      forget();
      open(false);
      said.textContent = "";
    };
    const go = (option) => {
      close();
      location.assign(option.dataset.address);
    };

    const line = ({ name, what, address }, n) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${n}`;
      option.setAttribute("role", "option");
      option.dataset.address = address;
      for (const [kind, text] of [["bdi", name], ["small", what]]) {
        const part = document.createElement(kind);
        part.textContent = text;
        option.append(part, " ");
      }
      return option;
    };
    const ask = async (typed) => {
      forget();
      asked = typed;
      asking = new AbortController();
      const { signal } = asking;
      try {
        const address = `${list.dataset.of}?${new URLSearchParams({ q: typed })}`;
        const response = await fetch(address, { signal });
        if (!response.ok) return;
        const answer = await response.json();
        if (signal.aborted || document.activeElement !== input) return;
        list.replaceChildren(...answer.found.map(line));
        open(answer.found.length > 0);
        said.textContent = answer.said;
      } catch { /* given up for what was typed next, or the line is down */ }
    };

    input.type = "text"; // to which alone the role may be given
    input.enterKeyHint = "search";
    input.autocomplete = "off";
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    open(false);

    input.addEventListener("input", () => {
      const typed = input.value.trim();
      clearTimeout(waiting);
      if (typed.length < FEWEST) close();
      else if (typed !== asked) waiting = setTimeout(ask, WAIT, typed);
    });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || event.ctrlKey || event.metaKey) return;
      const count = list.hidden ? 0 : list.children.length;
      if (event.key === "Escape" && count) close();
      else if (event.key === "Enter" && count && active >= 0) go(list.children[active]);
      else if (event.key === "ArrowDown" && count) choose(active + 1 < count ? active + 1 : -1);
      else if (event.key === "ArrowUp" && count) choose(active >= 0 ? active - 1 : count - 1);
      else if (event.key === "ArrowDown" && input.value.trim().length >= FEWEST) ask(input.value.trim());
      else return;
      event.preventDefault();
    });
    input.addEventListener("blur", close);
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) go(option);
    });
  };

  for (const list of document.querySelectorAll("[data-of]")) {
    const box = list.parentElement;
    enhance(box.querySelector("input"), list, box.querySelector("[role=status]"));
  }
})();
