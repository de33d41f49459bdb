// What the admin's forms lack for the keyboard and for those who listen to them.
"use strict";

// Select2 gives the box of an autocompleting field no name: it gets that of the field's label.

function name(select) {
  const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
  const text = select.getAttribute("aria-label") || (label && label.textContent.trim().replace(/:$/, ""));
  const shown = select.nextElementSibling && select.nextElementSibling.querySelector(".select2-selection__rendered");
  if (!text || !shown || shown.dataset.isNamed) return;
  const tell = () => {
    const value = shown.getAttribute("title");
    shown.setAttribute("aria-label", value ? `${text}: ${value}` : text);
  };
  shown.dataset.isNamed = "yes";
  new MutationObserver(tell).observe(shown, { childList: true });
  tell();
}

function nameAll() {
  document.querySelectorAll("select.admin-autocomplete").forEach(name);
}

// A table of rows that is wider than the screen, with nothing in it to stop at, scrolls by the keyboard, too.
function letScroll() {
  document.querySelectorAll(".inline-group").forEach((group) => {
    const heading = group.querySelector("h2");
    if (group.scrollWidth <= group.clientWidth || group.querySelector("a, input:not([type=hidden]), select")) return;
    group.tabIndex = 0;
    group.setAttribute("role", "region");
    group.setAttribute("aria-label", heading ? heading.textContent.trim() : "Rows");
  });
}

// After the handler that makes the boxes, which was there first.
if (window.django && window.django.jQuery) window.django.jQuery(nameAll);
addEventListener("load", nameAll);
addEventListener("load", letScroll);
addEventListener("resize", letScroll);
document.addEventListener("formset:added", () => setTimeout(nameAll));
