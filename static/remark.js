// A remark's passage: the words selected in the text, unless it was typed.
document.addEventListener("DOMContentLoaded", () => {
  const passage = document.getElementById("remark_passage");
  const text = document.querySelector(".letter-text");
  if (!passage || !text) return;
  let taken = passage.value;
  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    if (selection.isCollapsed || passage.value !== taken) return;
    if (!text.contains(selection.anchorNode) || !text.contains(selection.focusNode)) return;
    taken = passage.value = selection.toString().trim();
  });
});
