// The runs table without a mouse's patience: pick all, count the picked, close menus, short addresses.

const form = document.querySelector(".runs-form");
const boxes = form ? [...form.querySelectorAll('input[name="run"]')] : [];
const all = document.getElementById("pick-all");
const told = document.querySelector("[data-picked]");

function count() {
  const picked = boxes.filter((box) => box.checked).length;
  all.checked = picked === boxes.length;
  all.indeterminate = picked > 0 && picked < boxes.length;
  told.textContent = picked ? `${picked} picked:` : "Picked runs:";
}

if (all) {
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    count();
  });
  form.addEventListener("change", (event) => {
    if (event.target.name === "run") count();
  });
  // A browser that goes back keeps the ticks.
  window.addEventListener("pageshow", count);
}

// Enter in a menu's field does what the menu's own button does, not the form's first one.
for (const input of document.querySelectorAll(".runs-actions .menu input")) {
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    input.closest(".menu").querySelector("button").click();
  });
}

const menus = [...document.querySelectorAll("details.menu")];
document.addEventListener("click", (event) => {
  for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && menus.find((menu) => menu.open);
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

// Fields that were left empty say nothing in the address.
const filter = document.querySelector(".runs-filter");
filter?.addEventListener("submit", () => {
  for (const field of filter.elements) if (field.name && !field.value) field.disabled = true;
  setTimeout(() => {
    for (const field of filter.elements) field.disabled = false;
  });
});
