// The form of a draft: saved every few seconds, the editor made to fit the page, the length of
// headline and context counted. Without it the buttons below the form do the same, less often.
// Nothing typed is lost: what the server has not taken yet is kept in this browser.
(() => {
  const STILL = 3000; // after the last key
  const AT_MOST = 8000; // after the first one that is not saved
  const BEAT = 10000; // who else is here
  const OLD = 10000; // words that no other tab is about to save
  const SMALL = 60000; // what a browser sends on while its page closes
  const PATIENCE = 30000; // after a button; if the page is still here, it was not left

  const random = () => [...crypto.getRandomValues(new Uint8Array(12))].map((n) => n.toString(16).padStart(2, "0")).join("");
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);

  // --- The editor ------------------------------------------------------------------------------

  // Capturing: before the script that sets the editors up reads what they are to be like.
  window.addEventListener("DOMContentLoaded", () => {
    const theme = document.documentElement.dataset.theme;
    const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    for (const area of document.querySelectorAll("[data-mce-conf]")) {
      const wanted = JSON.parse(area.dataset.mceConf);
      if (dark) Object.assign(wanted, { skin: "oxide-dark", content_css: "dark" });
      area.dataset.mceConf = JSON.stringify(wanted);
    }
    window.tinymce?.on("AddEditor", ({ editor }) => {
      editor.on("init", () => { editor.getBody().lang = editor.getElement().lang; });
      editor.on("paste", (event) => { paste(editor, event); }, true);
    });
  }, true);

  // What was copied elsewhere is put right on the server; from the editor itself it is right.
  async function paste(editor, event) {
    const at = document.querySelector("[data-pasted]")?.dataset.pasted;
    const copied = event.clipboardData;
    const html = copied?.getData("text/html");
    if (!at || !html || copied.types.includes("x-tinymce/html")) return;
    event.preventDefault();
    const body = new URLSearchParams({ html, csrfmiddlewaretoken: document.querySelector("[data-pasted] [name=csrfmiddlewaretoken]").value });
    const repaired = await fetch(at, { method: "POST", body, redirect: "manual" })
      .then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
    if (!repaired) return editor.execCommand("mceInsertClipboardContent", false, { html });
    const blocks = new DOMParser().parseFromString(repaired.html, "text/html").body.children;
    const words = blocks.length === 1 && blocks[0].localName === "p";
    editor.insertContent(words ? blocks[0].innerHTML : repaired.html);
  }

  // --- The form --------------------------------------------------------------------------------

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("form[data-autosave]");
    if (!form) return;
    const { version, base, tab, person, csrfmiddlewaretoken: token } = form.elements;
    const beside = document.getElementById("beside");
    const state = form.querySelector(".saved-state");
    const said = form.querySelector("[role=status]");
    const OWN = new Set(["csrfmiddlewaretoken", "version", "base", "tab", "person"]);
    tab.value = random();
    const drawer = `draft/${person.value}/${form.dataset.autosave}/`;

    let saved = typed(); // as the server has it
    let pending = null; // sent, and not answered: it is sent again as it was, under the same key
    let nextKey = random();
    let lastKey = ""; // of what the server has taken
    let busy = null; // at most one is under way
    let timer, since, drawerTimer;
    let kept = true; // whether this browser could keep what is not saved
    let leaving = 0; // since when the page is being left
    let going = false; // while the form is sent as a whole
    const pressed = []; // the buttons pressed while what was typed is still being saved

    function typed() {
      window.tinymce?.triggerSave();
      const pairs = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !OWN.has(name));
      return new URLSearchParams(pairs).toString();
    }

    const show = (name, text = "", values = {}) => {
      const before = state.dataset.now;
      state.dataset.now = name;
      state.hidden = !state.dataset[name];
      state.querySelector(".now").textContent = state.dataset[name] ? filled(state.dataset[name], values) : "";
      for (const notice of form.querySelectorAll(".beside > .draft-notice")) {
        const shown = notice.classList.contains(name);
        if (notice.hidden === shown) notice.hidden = !shown;
        if (shown && text) notice.querySelector(".message").textContent = text;
      }
      tellWhere();
      const quiet = ["saved", "saving", "waiting"];
      if (quiet.includes(name) && (name !== "saved" || quiet.includes(before ?? "saved"))) return;
      say();
    };

    // Read out: only what changes what one does.
    function say() {
      const notice = form.querySelector(`.beside > .draft-notice.${state.dataset.now} p`);
      said.textContent = (notice ?? state).textContent.trim();
    }

    const untaken = () => Boolean(pending) || typed() !== saved;

    // Told with whatever keeps the server from taking what is typed: where that is now.
    function tellWhere() {
      const where = untaken() ? (kept ? "kept" : "unkept") : "safe";
      const stopped = ["offline", "failed"].includes(state.dataset.now);
      for (const place of form.querySelectorAll(".where")) {
        place.textContent = place.parentElement !== state || stopped ? form.dataset[where] : "";
      }
    }

    // --- Kept in this browser -------------------------------------------------------------------

    function keep() {
      clearTimeout(drawerTimer);
      drawerTimer = null;
      const now = typed();
      const key = pending?.typed === now ? pending.key : nextKey;
      if (now === saved && !pending) return forget();
      const copy = { at: Date.now(), key, body: whole(now, pending?.typed === now ? pending : {}).toString() };
      try {
        localStorage.setItem(drawer + tab.value, JSON.stringify(copy));
        kept = true;
      } catch { // full, or not allowed
        kept = false;
      }
      tellWhere();
    }

    const forget = (place = drawer + tab.value) => localStorage.removeItem(place);

    function leftOver() {
      return Object.keys(localStorage)
        .filter((place) => place.startsWith(drawer) && place !== drawer + tab.value)
        .map((place) => ({ place, ...JSON.parse(localStorage.getItem(place)) }))
        .filter((copy) => Date.now() - copy.at > OLD && !form.querySelector(`[data-key="${copy.key}"]`));
    }

    function offer(copy) {
      const notice = document.getElementById("left-over").content.cloneNode(true).firstElementChild;
      notice.dataset.key = copy.key;
      const { lang } = document.documentElement;
      const time = new Date(copy.at).toLocaleString(lang === "en" ? "en-GB" : lang, { dateStyle: "short", timeStyle: "short" });
      notice.querySelector("p").textContent = filled(notice.querySelector("p").textContent, { time });
      notice.querySelector(".discard").addEventListener("click", () => { forget(copy.place); notice.remove(); });
      // The late save is made as it would have been: into the text it began from, or set aside.
      notice.querySelector(".restore").addEventListener("click", async () => {
        if (!(await flush())) return;
        const body = new URLSearchParams(copy.body);
        body.set("csrfmiddlewaretoken", token.value);
        const answer = await post(body).catch(() => null);
        if (!answer?.json || ![200, 409].includes(answer.status)) return show(answer ? "failed" : "offline");
        forget(copy.place);
        leaving = Date.now();
        if (answer.json.merge) location.assign(answer.json.merge);
        else location.reload();
      });
      beside.before(notice);
      said.textContent = notice.querySelector("p").textContent;
    }

    // --- Sent to the server ---------------------------------------------------------------------

    function whole(text, sent = {}) {
      const body = new URLSearchParams(text);
      for (const field of [version, base, tab, person, token]) body.set(field.name, field.value);
      for (const name of ["version", "base"]) if (sent[name]) body.set(name, sent[name]);
      body.set("key", sent.key ?? nextKey);
      return body;
    }

    async function post(body) {
      const sent = await fetch(form.dataset.autosave, {
        method: "POST", body, redirect: "manual", keepalive: body.toString().length < SMALL,
      });
      const isJson = sent.headers.get("Content-Type")?.startsWith("application/json");
      return { status: sent.type === "opaqueredirect" ? "signed-out" : sent.status, json: isJson ? await sent.json() : null };
    }

    // After signing in again in another tab the page's token is no longer the browser's.
    async function newToken() {
      const page = await fetch(location.pathname, { redirect: "manual" });
      const found = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("#edition_form [name=csrfmiddlewaretoken]");
      if (found) token.value = found.value;
      return page.type === "opaqueredirect" ? "signed-out" : Boolean(found);
    }

    function save() {
      busy ??= deliver().catch((error) => { reportError(error); show("failed"); return "failed"; })
        .finally(() => { busy = null; });
      return busy;
    }

    async function deliver() {
      clearTimeout(timer);
      timer = since = null;
      const now = typed();
      if (!pending && now !== saved) {
        pending = { key: nextKey, typed: now, version: version.value, base: base.value, rows: rows() };
        nextKey = random();
      }
      const body = whole(pending?.typed ?? "", pending ?? {});
      if (!pending) {
        body.set("alive", "1");
        body.set("key", lastKey);
        for (const copy of leftOver()) body.append("left", copy.key);
      } else {
        keep();
        if (!["offline", "signed-out", "conflicted"].includes(state.dataset.now)) show("saving");
      }
      let answer;
      try {
        answer = await post(body);
        if (answer.status === 403 && !answer.json) {
          const found = await newToken();
          body.set(token.name, token.value);
          if (found) answer = found === true ? await post(body) : { status: found };
        }
      } catch {
        show("offline");
        return "offline";
      }
      return heard(answer);
    }

    function heard({ status, json }) {
      if (status === "signed-out") { show("signed-out"); return "signed-out"; }
      if (status === 403) { show("refused", json?.message ?? ""); return "refused"; }
      if (!json || ![200, 409].includes(status)) { show("failed"); return "failed"; }
      panel(json.html);
      if (!pending) return alive(json);
      const asSent = typed() === pending.typed;
      if (status === 200) {
        lastKey = pending.key;
        version.value = json.version;
        base.value = json.base;
        lines(json.lines, pending.rows);
        show("saved", "", { time: json.at });
      } else {
        form.querySelector(".conflicted a").href = json.merge;
        show("conflicted", json.message);
      }
      saved = asSent ? typed() : pending.typed;
      pending = null;
      if (asSent) forget(); else changed();
      return status === 200 ? "saved" : "conflicted";
    }

    function alive(json) {
      for (const copy of leftOver()) {
        if (json.known.includes(copy.key)) forget(copy.place); else offer(copy);
      }
      if (Number(version.value) !== json.version) {
        if (state.dataset.now !== "conflicted") show("moved-on", json.changed);
      } else if (["offline", "signed-out", "refused", "failed"].includes(state.dataset.now)) {
        show("saved", "", { time: json.at });
      }
      return "saved";
    }

    // With nothing new too the server is asked: whether it is there, and who is signed in.
    async function flush() {
      if (busy) await busy;
      let outcome = await save();
      if (outcome === "saved" && typed() !== saved) outcome = await save();
      return ["saved", "conflicted"].includes(outcome);
    }

    // --- What the answer changes on the page ----------------------------------------------------

    function panel(html) {
      const next = document.createElement("div");
      next.innerHTML = html;
      if (next.innerHTML === beside.innerHTML) return;
      const was = beside.querySelector(".ready");
      const here = beside.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      beside.innerHTML = html;
      if (here) beside.querySelector(`[href="${CSS.escape(here)}"]`)?.focus();
      if (!was && beside.querySelector(".ready")) said.textContent = beside.querySelector(".ready").textContent;
    }

    const rows = () => [...document.querySelectorAll("#parties-group .inline-related:not(.empty-form)")]
      .map((row) => [row, row.querySelector('[name$="-id"]')?.name.replace(/-id$/, "")]);

    // A line stored now is no new one any more; what was left empty is shown as it is known.
    function lines(stored, sent) {
      for (const [row, prefix] of sent) {
        const line = stored[prefix];
        const key = row.querySelector('[name$="-id"]');
        if (!line || !key) continue;
        if (!key.value) {
          key.value = line.id;
          deletable(row, key.name.replace(/-id$/, "-DELETE"));
        }
        for (const name of ["name", "title", "country"]) {
          const field = row.querySelector(`[name$="-${name}"]`);
          if (field && !field.value && field !== document.activeElement) field.value = line[name];
        }
      }
    }

    function deletable(row, name) {
      const link = row.querySelector(".inline-deletelink");
      if (!link) return;
      const mark = Object.assign(document.createElement("input"), { type: "checkbox", name, id: `id_${name}` });
      const label = Object.assign(document.createElement("label"), { htmlFor: mark.id, textContent: form.dataset.delete });
      const span = Object.assign(document.createElement("span"), { className: "delete" });
      span.append(mark, " ", label);
      link.parentElement.replaceWith(span);
    }

    // --- When -----------------------------------------------------------------------------------

    function changed() {
      drawerTimer ??= setTimeout(keep, 500);
      if (leaving) return;
      if (["saved", undefined].includes(state.dataset.now)) show("waiting");
      since ??= Date.now();
      clearTimeout(timer);
      timer = setTimeout(save, Math.max(0, Math.min(STILL, since + AT_MOST - Date.now())));
    }

    for (const event of ["input", "change"]) form.addEventListener(event, changed);
    form.addEventListener("focusin", () => { if (!busy && typed() !== saved) changed(); }); // the calendar writes without a word
    document.addEventListener("formset:removed", changed);
    for (const editor of window.tinymce?.get() ?? []) {
      const ready = () => { // it may write the same text in another way
        const was = new URLSearchParams(saved);
        was.set(editor.getElement().name, editor.getContent());
        saved = was.toString();
        editor.on("input change undo redo ExecCommand", () => { if (typed() !== saved) changed(); });
      };
      if (editor.initialized) ready(); else editor.on("init", ready);
    }
    setInterval(() => {
      if (Date.now() - leaving > PATIENCE) leaving = 0;
      if (!leaving) save();
    }, BEAT);
    window.addEventListener("online", save);
    document.addEventListener("visibilitychange", () => { if (document.hidden && !leaving && typed() !== saved) save(); });
    window.addEventListener("pagehide", () => {
      keep();
      if (!leaving && !busy && untaken()) save();
      const gone = whole("");
      gone.set("gone", "1");
      navigator.sendBeacon(form.dataset.autosave, gone);
    });
    window.addEventListener("pageshow", (event) => { if (event.persisted) { leaving = 0; save(); } });
    window.addEventListener("beforeunload", (event) => { // nothing else is lost by leaving
      const chosen = [...form.querySelectorAll("input[type=file]")].some((field) => field.value);
      if (!leaving && (chosen || (!kept && untaken()))) event.preventDefault();
    });

    // Saved first, then submitted: whoever has been signed out meanwhile loses nothing by it. A
    // form cannot be submitted from within its own submit event; the answer comes after it.
    form.addEventListener("submit", async (event) => {
      if (going) return;
      event.preventDefault();
      if (leaving) return; // on its way already
      pressed.push(event.submitter);
      if (pressed.length > 1) return;
      let goOn = await flush();
      while (!goOn && pressed.length > 1) { // pressed again meanwhile: tried again, not swallowed
        pressed.splice(0, pressed.length - 1);
        goOn = await flush();
      }
      const [button] = pressed.splice(0).reverse();
      if (!goOn) {
        said.textContent = "";
        say();
        return form.querySelector(".saved-state:not([hidden]), .beside > .draft-notice:not([hidden])").scrollIntoView({ block: "center" });
      }
      leaving = Date.now();
      going = true;
      form.requestSubmit(button);
      going = false;
    });

    // --- Small things ---------------------------------------------------------------------------

    const close = form.querySelector("[data-autosaved]");
    if (close) close.textContent = close.dataset.autosaved;

    document.addEventListener("click", (event) => {
      const target = event.target.closest?.("a[href^='#']")?.hash.slice(1);
      const editor = target && window.tinymce?.get(target);
      if (!editor) return;
      event.preventDefault();
      editor.getContainer().scrollIntoView({ block: "center" });
      editor.focus();
    });

    for (const field of form.querySelectorAll("[data-shown]")) {
      const help = document.querySelector(`#${field.id}_helptext > div`);
      if (!help) continue;
      const count = Object.assign(document.createElement("span"), { className: "shown-count" });
      const tell = () => {
        const n = [...field.value.trim()].length;
        count.textContent = filled(form.dataset.shown, { n, most: field.dataset.shown });
        count.classList.toggle("over", n > Number(field.dataset.shown));
      };
      field.addEventListener("input", tell);
      help.append(" ", count);
      tell();
    }

    save();
  });
})();
