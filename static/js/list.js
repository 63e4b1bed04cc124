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
showMoments();
