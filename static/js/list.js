// Lists: a changed choice filters at once; empty fields stay out of the address.
import { showMoments } from './moments.js';

const form = document.querySelector('form[data-filter]');
if (form) {
  form.addEventListener('change', (event) => { if (event.target.tagName === 'SELECT') form.requestSubmit(); });
  form.addEventListener('submit', () => {
    for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
  });
  window.addEventListener('pageshow', () => { for (const field of form.elements) field.disabled = false; });
}
/** On a phone the list comes first: the fields wait behind a button unless something is filtered. */
function foldFields() {
  const fold = document.getElementById('filter-fold');
  if (!fold || !matchMedia('(max-width: 880px)').matches) return;
  const set = (open) => { form.classList.toggle('folded', !open); fold.setAttribute('aria-expanded', String(open)); };
  fold.hidden = false;
  fold.addEventListener('click', () => set(form.classList.contains('folded')));
  set(false);
}

if (form) foldFields();
showMoments();
