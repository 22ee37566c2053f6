import './style.css';
import rocket from '/rocket.svg';
import { headline } from './headline.js';
import { counter } from './counter.js';

document.querySelector('#app').innerHTML = `
  <img src="${rocket}" alt="" width="88" />
  <h1 id="headline">${headline}</h1>
  <p>Tell us that you are coming.</p>
  <button id="counter" type="button"></button>
`;
counter(document.querySelector('#counter'));

if (import.meta.hot) {
  import.meta.hot.accept('./headline.js', (next) => {
    document.querySelector('#headline').textContent = next.headline;
  });
}
