// Buttons that copy the address beside them; without a clipboard the address is selected for the keys.
for (const button of document.querySelectorAll('[data-copy]')) {
  const field = button.parentElement.querySelector('input');
  const words = button.textContent;
  button.hidden = false;
  button.addEventListener('click', async () => {
    field.select();
    if (!navigator.clipboard) return;
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = words; }, 2000);
  });
}
