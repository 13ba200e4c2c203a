// Days and moments: beside the control in which one is typed, how the server reads it, and the
// choice that goes with it; on every page, the time that is left, second by second.
// The server shows all of it too, as of when the page was made.
(() => {
  const language = document.documentElement.lang || "en";
  const locale = `${language === "en" ? "en-GB" : language}-u-nu-latn`;
  const PAUSE = 400;

  const left = (milliseconds) => {
    const seconds = Math.ceil(milliseconds / 1000);
    const relative = new Intl.RelativeTimeFormat(locale, { numeric: "always" });
    if (seconds >= 2 * 86400) return relative.format(Math.round(seconds / 86400), "day");
    if (seconds >= 2 * 3600) return relative.format(Math.round(seconds / 3600), "hour");
    if (seconds >= 180) return relative.format(Math.round(seconds / 60), "minute");
    return relative.format(Math.max(seconds, 0), "second");
  };
  const tick = () => {
    for (const time of document.querySelectorAll("time[data-left]")) {
      const ahead = Date.parse(time.dateTime) - Date.now();
      time.textContent = ahead > 0 ? left(ahead) : time.dataset.left;
    }
  };

  // Of each control, what was asked of the server last.
  const asked = new WeakMap();

  const read = async (control, isDone) => {
    const [day, time] = control.querySelectorAll("input");
    const answer = control.querySelector(".read-as");
    const question = new URLSearchParams({ day: day.value });
    if (time) question.set("time", time.value);
    if (asked.get(control) === `${question}${isDone}`) return;
    asked.set(control, `${question}${isDone}`);
    let said;
    try {
      said = await (await fetch(`${answer.dataset.ask}?${question}`)).json();
    } catch {
      return; // signed out, or no server there: the form says it all when it is sent
    }
    if (asked.get(control) !== `${question}${isDone}`) return; // more was typed since
    answer.innerHTML = said.words;
    // Whoever is still typing is not told what is missing.
    if (said.wrong && isDone) answer.textContent = said.wrong;
    answer.classList.toggle("is-wrong", Boolean(said.wrong));
    tick();
  };

  const waiting = new WeakMap();
  const typed = (event) => {
    const control = event.target.closest?.(".typed");
    if (!control) return;
    const choice = control.closest("form")?.querySelector('input[name="when"][value="moment"]');
    if (choice && event.target.value) choice.checked = true;
    clearTimeout(waiting.get(control));
    // Both parts of a moment are filled in before anything is missing.
    const isDone = event.type === "change" && [...control.querySelectorAll("input")].every((one) => one.value);
    waiting.set(control, setTimeout(read, isDone ? 0 : PAUSE, control, isDone));
  };
  document.addEventListener("input", typed);
  document.addEventListener("change", typed);

  document.addEventListener("DOMContentLoaded", () => {
    // The calendar and the clock write the value, then put the focus there.
    document.addEventListener("focusin", (event) => {
      const before = event.target.defaultValue;
      if (event.target.matches?.(".typed input") && event.target.value !== before) typed(event);
    });
    tick();
    setInterval(tick, 1000);
  });
})();
