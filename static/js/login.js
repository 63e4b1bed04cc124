// The demo's sign-in: a tap on an account fills the form.
const form = document.querySelector('.door-form');

for (const button of document.querySelectorAll('button[data-name]')) {
  button.addEventListener('click', () => {
    form.elements.name.value = button.dataset.name;
    form.elements.password.value = button.dataset.password;
    form.requestSubmit();
  });
}
