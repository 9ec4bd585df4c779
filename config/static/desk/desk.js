// What every page of the desk has: `/` puts the cursor into the quick search.

const search = document.getElementById("quick-search");

const isTyping = (target) =>
  target.isContentEditable ||
  ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);

document.addEventListener("keydown", (event) => {
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (search && event.key === "/" && isPlain && !isTyping(event.target)) {
    event.preventDefault();
    search.focus();
    search.select();
  }
});

// A menu closes when the attention goes elsewhere.
for (const menu of document.querySelectorAll("details.account")) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape") menu.open = false;
  });
}

// In a table of forms a control is named by the heading of its column.
const nameCells = () => {
  for (const table of document.querySelectorAll(".tabular.inline-related table")) {
    const headings = [...table.querySelectorAll("thead th")];
    for (const cell of table.querySelectorAll("tbody td")) {
      const heading = headings[cell.cellIndex];
      const control = cell.querySelector("input:not([type=hidden]), select, textarea");
      if (heading) control?.setAttribute("aria-label", heading.textContent.trim());
    }
  }
};

// Django's script makes these boxes, and gives them no name.
window.addEventListener("load", () => {
  for (const box of document.querySelectorAll(".selector-filter input")) {
    box.setAttribute("aria-label", box.placeholder);
  }
  nameCells();
});

// A form is sent once, however often its button is pressed.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// One box ticks all of its name in the form.
for (const box of document.querySelectorAll("input[data-all]")) {
  const others = () => [...box.form.elements].filter((one) => one.name === box.dataset.all);
  box.hidden = false;
  box.addEventListener("change", () => {
    for (const one of others()) if (!one.disabled) one.checked = box.checked;
  });
  box.form.addEventListener("change", () => {
    box.checked = others().every((one) => one.checked || one.disabled);
  });
}
