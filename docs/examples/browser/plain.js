import { createGatelet } from '/assets/gatelet.js';

const gatelet = createGatelet({ apis: { 'https://orders.example.com': { scope: 'orders:read' } } });

const session = await gatelet.session();
if (session) {
  const answer = await gatelet.fetch('https://orders.example.com/v1/orders');
  document.querySelector('main').textContent = `${session.name}: ${(await answer.json()).orders.length} orders`;
} else {
  gatelet.signIn(); // leaves the page, and comes back to it
}
gatelet.on('ended', ({ reason }) => {
  document.querySelector('main').textContent = `You are signed out (${reason})`;
});
