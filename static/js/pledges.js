// The list of pledges: tick all of a page at once, and say how many are ticked; without this the list works as it is.
const form = document.querySelector('.pledge-form');
const all = form?.querySelector('[data-pick-all]');
const picks = [...(form?.querySelectorAll('input[name="code"]') ?? [])];

function tell() {
  const chosen = picks.filter((pick) => pick.checked).length;
  form.dataset.chosen = String(chosen);
  all.checked = chosen === picks.length;
  all.indeterminate = chosen > 0 && chosen < picks.length;
  for (const button of form.querySelectorAll('.pledge-bar button')) button.disabled = !chosen;
}

if (all) {
  all.closest('label').hidden = false;
  all.addEventListener('change', () => { for (const pick of picks) pick.checked = all.checked; tell(); });
  form.addEventListener('change', tell);
  window.addEventListener('pageshow', tell);
  tell();
}
