// Moments: on the page where one is chosen, the same moment in words in every zone of the office's
// list, and the choice that goes with it; on every page, the time that is left, second by second.
// The server shows all of it too, as of when the page was made.
(() => {
  const language = document.documentElement.lang || "en";
  const locale = `${language === "en" ? "en-GB" : language}-u-nu-latn`;

  // What the clocks of a zone show at an instant, as if it were UTC.
  const shown = (instant, timeZone) => {
    const parts = new Intl.DateTimeFormat("en-US", {
      timeZone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
      hour: "numeric", minute: "numeric", second: "numeric",
    }).formatToParts(instant);
    const part = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
  };
  // The instant at which they show that; none for an hour that a change of clocks leaves out.
  const instantOf = (wall, timeZone) => {
    let instant = wall;
    for (let pass = 0; pass < 2; pass += 1) instant += wall - shown(instant, timeZone);
    return shown(instant, timeZone) === wall ? instant : null;
  };
  const inWords = (instant, timeZone) => {
    const day = { timeZone, weekday: "long", day: "numeric", month: "long", year: "numeric" };
    const time = { timeZone, hourCycle: "h23", hour: "2-digit", minute: "2-digit", second: "2-digit" };
    return `${new Intl.DateTimeFormat(locale, day).format(instant)}, ${new Intl.DateTimeFormat(locale, time).format(instant)}`;
  };
  const left = (milliseconds) => {
    const seconds = Math.ceil(milliseconds / 1000);
    const relative = new Intl.RelativeTimeFormat(locale, { numeric: "always" });
    if (seconds >= 2 * 86400) return relative.format(Math.round(seconds / 86400), "day");
    if (seconds >= 2 * 3600) return relative.format(Math.round(seconds / 3600), "hour");
    if (seconds >= 180) return relative.format(Math.round(seconds / 60), "minute");
    return relative.format(Math.max(seconds, 0), "second");
  };

  const typed = (field) => {
    const day = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(field.querySelector('[name$="_0"]').value.trim());
    const time = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(field.querySelector('[name$="_1"]').value.trim());
    if (!day || !time) return null;
    const wall = Date.UTC(day[1], day[2] - 1, day[3], time[1], time[2], time[3] || 0);
    return new Date(wall).getUTCDate() === Number(day[3]) && Number(time[1]) < 24 ? wall : null;
  };

  const watch = (readings) => {
    const field = readings.parentElement;
    const form = readings.closest("form");
    const choice = form.querySelector('input[name="when"][value="moment"]');
    const zones = [...readings.querySelectorAll("[data-zone]")];
    const show = () => {
      const wall = typed(field);
      const instant = wall === null ? null : instantOf(wall, zones[0].dataset.zone);
      readings.hidden = instant === null;
      if (instant === null) return;
      for (const line of zones) {
        line.querySelector("dd").textContent = inWords(instant, line.dataset.zone);
      }
      const ahead = instant - Date.now();
      readings.querySelector(".left").textContent = ahead > 0 ? left(ahead) : "";
    };
    for (const input of field.querySelectorAll("input")) {
      // The calendar and the clock write the value, then put the focus there.
      for (const event of ["input", "change", "focus"]) {
        input.addEventListener(event, () => {
          if (choice && input.value) choice.checked = true;
          show();
        });
      }
    }
    show();
    setInterval(show, 1000);
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("form .elsewhere").forEach(watch);
    const countdowns = [...document.querySelectorAll("time[data-left]")];
    if (!countdowns.length) return;
    const tick = () => {
      for (const time of countdowns) {
        const ahead = Date.parse(time.dateTime) - Date.now();
        time.textContent = ahead > 0 ? left(ahead) : time.dataset.left;
      }
    };
    tick();
    setInterval(tick, 1000);
  });
})();
