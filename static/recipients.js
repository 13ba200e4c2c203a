// The list of recipients: a row more without going to the server; and one box that ticks them all.
document.addEventListener("DOMContentLoaded", () => {
  const rows = document.querySelector(".rows");
  const model = document.getElementById("new-row");
  const total = document.getElementById("id_to-TOTAL_FORMS");
  const most = Number(document.getElementById("id_to-MAX_NUM_FORMS")?.value || 0);
  const add = document.querySelector('[name="_more"]');
  if (rows && model && total && add) {
    add.addEventListener("click", (event) => {
      const next = Number(total.value);
      if (next >= most) return;
      event.preventDefault();
      const holder = document.createElement("ol");
      holder.innerHTML = model.innerHTML.replaceAll("__prefix__", next);
      rows.append(holder.firstElementChild);
      total.value = next + 1;
      rows.lastElementChild.querySelector("input").focus();
    });
  }
  const all = document.querySelector("[data-all]");
  if (all) {
    const boxes = [...all.form.querySelectorAll('input[name="edition"]')];
    all.closest("[hidden]").hidden = false;
    const show = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      all.checked = ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    };
    all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
    boxes.forEach((box) => box.addEventListener("change", show));
    show();
  }
});
