export function counter(button) {
  let count = 0;
  const set = (n) => {
    count = n;
    button.textContent = n === 0 ? 'Count me in' : `${n} ${n === 1 ? 'person is' : 'people are'} in`;
  };
  button.addEventListener('click', () => set(count + 1));
  set(0);
}
