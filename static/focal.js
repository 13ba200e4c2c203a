// On a picture in the form of a draft, a click says what of it has to stay when it is cut.
"use strict";
(() => {
  for (const image of document.querySelectorAll("#files-group img.file-shown")) {
    const line = image.closest(".inline-related");
    const [across, down] = ["focal_x", "focal_y"].map((name) => line.querySelector(`[name$="-${name}"]`));
    if (!across || !down) continue;
    const frame = document.createElement("span");
    const mark = document.createElement("span");
    frame.className = "file-focus";
    mark.className = "file-focal";
    image.replaceWith(frame);
    frame.append(image, mark);
    const show = () => {
      mark.style.left = `${across.value || 50}%`;
      mark.style.top = `${down.value || 50}%`;
    };
    image.addEventListener("click", (event) => {
      const box = image.getBoundingClientRect();
      const part = (at, from, size) => Math.min(100, Math.max(0, Math.round((100 * (at - from)) / size)));
      across.value = part(event.clientX, box.left, box.width);
      down.value = part(event.clientY, box.top, box.height);
      across.dispatchEvent(new Event("change", { bubbles: true }));
      show();
    });
    for (const field of [across, down]) field.addEventListener("input", show);
    show();
  }
})();
