// On the page of "publish": giving a moment chooses "at the moment below". The server asks again
// where the two disagree, so this only saves a click.
document.addEventListener("DOMContentLoaded", () => {
  const choice = document.querySelector('input[name="when"][value="moment"]');
  for (const field of document.querySelectorAll('input[name^="moment_"]')) {
    // The calendar and the clock write the value, then put the focus there.
    for (const event of ["input", "focus"]) {
      field.addEventListener(event, () => { if (choice && field.value) choice.checked = true; });
    }
  }
});
