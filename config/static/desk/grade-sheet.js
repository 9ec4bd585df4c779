// The grade sheet under the keyboard. Without this script it is a plain form; what
// is checked here is only said sooner, for the registry checks it again.

const table = document.getElementById("grades");
const form = document.getElementById("sheet");
const rows = [...table.tBodies[0].rows].filter((row) => row.querySelector("td.grade"));
const scales = new Map(
  [...table.tHead.querySelectorAll("th[data-column]")].map((head) => [
    head.dataset.column,
    {
      scale: head.dataset.scale,
      maximum: Number(head.dataset.maximum),
      allowed: JSON.parse(head.dataset.allowed),
    },
  ]),
);

const inputsOf = (row) => [...row.querySelectorAll("td.grade input")];
const cells = rows.flatMap(inputsOf);
const isChanged = (input) => input.value.trim() !== input.dataset.stored;
const isNumber = (text) => /^[0-9]+(\.[0-9]{1,6})?$/.test(text);

// --- What may be typed ---------------------------------------------------------

function fault(input) {
  const text = input.value.trim();
  const { scale, maximum, allowed } = scales.get(input.dataset.column);
  if (text === "") return "";
  if (scale === "continuous") {
    const fits = isNumber(text) && Number(text) <= maximum;
    return fits ? "" : `A number from 0 to ${maximum}`;
  }
  const fits =
    allowed.includes(text) ||
    (scale === "discrete" && isNumber(text) && allowed.some((one) => Number(one) === Number(text)));
  return fits ? "" : `One of ${allowed.join(", ")}`;
}

// "b+" is taken for "B+", and "7,5" for "7.5", where only that can be meant.
function tidied(input) {
  const text = input.value.trim();
  const { scale, allowed } = scales.get(input.dataset.column);
  if (scale !== "labels") return /^[0-9]+,[0-9]+$/.test(text) ? text.replace(",", ".") : text;
  if (allowed.includes(text)) return text;
  const alike = allowed.filter((one) => one.toLowerCase() === text.toLowerCase());
  return alike.length === 1 ? alike[0] : text;
}

function check(input) {
  const sentence = fault(input);
  const cell = input.closest("td");
  cell.querySelector(".cell-error").textContent = sentence;
  cell.classList.toggle("is-changed", isChanged(input));
  if (sentence) {
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", cell.querySelector(".cell-error").id);
  } else {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  }
  return !sentence;
}

// --- What is counted -----------------------------------------------------------

const graded = document.getElementById("graded");
const missing = document.getElementById("missing");
const unsaved = document.getElementById("unsaved");
const onlyMissing = document.getElementById("only-missing");

function count() {
  const finals = rows.map((row) => inputsOf(row).at(-1)).filter(Boolean);
  const empty = finals.filter((input) => input.value.trim() === "" && !input.dataset.locked);
  graded.textContent = finals.filter((input) => input.value.trim() !== "").length;
  missing.textContent = empty.length;
  const changed = cells.filter(isChanged).length;
  const wrong = cells.filter((input) => input.hasAttribute("aria-invalid")).length;
  if (!unsaved) return;
  unsaved.textContent = [
    changed ? `${changed} unsaved` : "Nothing unsaved",
    wrong ? `${wrong} not allowed` : "",
  ].filter(Boolean).join(", ");
}

function showOnlyMissing() {
  for (const row of rows) {
    const final = inputsOf(row).at(-1);
    const isGraded = final && (final.dataset.stored !== "" || final.dataset.locked);
    row.classList.toggle("has-grade", Boolean(isGraded));
  }
  table.classList.toggle("only-missing", onlyMissing.checked);
}

onlyMissing.addEventListener("change", showOnlyMissing);

function changedBy(input) {
  input.value = tidied(input);
  check(input);
}

table.addEventListener("input", (event) => {
  if (!event.target.dataset.column) return;
  check(event.target);
  count();
});

table.addEventListener("change", (event) => {
  if (!event.target.dataset.column) return;
  changedBy(event.target);
  count();
});

// --- Arrows, Enter, Escape -----------------------------------------------------

const isShown = (row) => row.offsetParent !== null;

function inColumn(input, from, step) {
  const place = inputsOf(input.closest("tr")).indexOf(input);
  for (let at = rows.indexOf(input.closest("tr")) + from; rows[at]; at += step) {
    const there = inputsOf(rows[at])[place];
    if (there && !there.disabled && isShown(rows[at])) return there;
  }
  return null;
}

function inRow(input, step) {
  const all = inputsOf(input.closest("tr"));
  for (let at = all.indexOf(input) + step; all[at]; at += step) {
    if (!all[at].disabled) return all[at];
  }
  return null;
}

function goTo(input) {
  if (!input) return false;
  input.focus();
  input.select();
  return true;
}

function target(event) {
  const input = event.target;
  const isWhole = input.selectionStart === 0 && input.selectionEnd === input.value.length;
  const atStart = isWhole || input.selectionEnd === 0;
  const atEnd = isWhole || input.selectionStart === input.value.length;
  switch (event.key) {
    case "ArrowUp":
      return inColumn(input, -1, -1);
    case "ArrowDown":
      return inColumn(input, 1, 1);
    case "Enter":
      return event.shiftKey ? inColumn(input, -1, -1) : inColumn(input, 1, 1);
    case "ArrowLeft":
      return atStart ? inRow(input, -1) : null;
    case "ArrowRight":
      return atEnd ? inRow(input, 1) : null;
    default:
      return null;
  }
}

table.addEventListener("keydown", (event) => {
  if (!event.target.dataset.column || event.altKey || event.metaKey || event.ctrlKey) return;
  if (event.key === "Escape") {
    event.target.value = event.target.dataset.stored;
    check(event.target);
    count();
    event.target.select();
    return;
  }
  if (event.key === "Enter") event.preventDefault(); // it never sends the form
  if (goTo(target(event))) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s" && document.getElementById("save")) {
    event.preventDefault();
    form.requestSubmit();
  }
});

// --- A column, or several, pasted from a spreadsheet ------------------------------

// Line by line into the rows as they are seen: one whose row is closed is left out, and
// does not slip to the next student.
table.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text/plain").replace(/\r/g, "").replace(/\n$/, "");
  if (!event.target.dataset.column || !/[\n\t]/.test(text)) return;
  event.preventDefault();
  const first = event.target.closest("tr");
  const column = inputsOf(first).indexOf(event.target);
  const below = rows.slice(rows.indexOf(first)).filter(isShown);
  let left = 0;
  text.split("\n").forEach((line, down) => {
    line.split("\t").forEach((value, across) => {
      const input = below[down] && inputsOf(below[down])[column + across];
      if (!input || input.disabled) {
        if (value.trim()) left += 1;
        return;
      }
      input.value = value;
      changedBy(input);
    });
  });
  count();
  if (left && unsaved) unsaved.textContent += `, ${left} pasted had no open cell`;
});

// --- One grade for all who have none --------------------------------------------

const fill = document.getElementById("fill");

if (fill) {
  fill.hidden = false;
  const column = document.getElementById("fill-column");
  const value = document.getElementById("fill-value");
  const fillIn = () => {
    const ungraded = cells.filter(
      (input) =>
        input.dataset.column === column.value && input.value.trim() === "" && !input.disabled,
    );
    for (const input of ungraded) {
      input.value = value.value;
      changedBy(input);
    }
    count();
  };
  document.getElementById("fill-button").addEventListener("click", fillIn);
  value.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    fillIn();
  });
}

// --- Saving ----------------------------------------------------------------------

let isSent = false;

form.addEventListener("submit", (event) => {
  const wrong = cells.find((input) => !check(input));
  if (wrong) {
    event.preventDefault();
    event.stopImmediatePropagation();
    goTo(wrong);
    count();
    return;
  }
  isSent = true;
  for (const input of cells) if (!isChanged(input)) input.disabled = true;
}, { capture: true });

window.addEventListener("beforeunload", (event) => {
  if (!isSent && cells.some(isChanged)) event.preventDefault();
});

count();
