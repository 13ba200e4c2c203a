// What a browser can do with a letter and a link cannot: copy, print, share. Without this script, or
// where the browser cannot, the buttons stay hidden.
(() => {
  const said = document.querySelector(".said");
  const can = { copy: navigator.clipboard, print: window.print, share: navigator.share };
  const text = (id) => document.getElementById(id).innerText.trim();
  const act = {
    // The letter comes as plain text from the server: the page's own would lose quotations and numbers.
    copy: ({ text: before = "", of }) =>
      navigator.clipboard.writeText(`${before.trim()}\n\n${text(of)}`.trim()),
    print: () => window.print(),
    share: ({ address }) => navigator.share({ title: text("headline"), url: address }),
  };
  for (const button of document.querySelectorAll("[data-act]")) {
    const name = button.dataset.act;
    button.parentElement.hidden = !can[name];
    button.addEventListener("click", async () => {
      try {
        await act[name](button.dataset);
        said.textContent = button.dataset.done ?? "";
      } catch { /* the reader did not want to after all */ }
    });
  }
})();
