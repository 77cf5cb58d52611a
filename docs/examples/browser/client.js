// One client for the whole page.
import { createGatelet } from '/assets/gatelet.js';

export const gatelet = createGatelet({ apis: { 'https://orders.example.com': { scope: 'orders:read' } } });
