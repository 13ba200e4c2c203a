// Keeps what was copied as HTML (from a page or Word) beside its plain text, so that lists, links
// and emphasis survive. Typing in the text afterwards makes the plain text count again.
document.addEventListener("DOMContentLoaded", () => {
  const source = document.getElementById("id_source");
  const html = document.getElementById("id_html");
  if (!source || !html) return;
  let pasted = null;
  source.addEventListener("paste", (event) => {
    const markup = event.clipboardData.getData("text/html");
    const whole = source.selectionStart === 0 && source.selectionEnd === source.value.length;
    html.value = whole ? markup : "";
    if (whole) requestAnimationFrame(() => { pasted = source.value; });
  });
  source.addEventListener("input", () => {
    if (pasted !== null && source.value !== pasted) html.value = "";
  });
});
