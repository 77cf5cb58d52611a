// Libraries that wrap `fetch` take the client's in its place.
import ky from 'ky';
import createClient from 'openapi-fetch';
import { gatelet } from './client.js';

export const orders = ky.create({ prefix: 'https://orders.example.com/v1', fetch: gatelet.fetch, retry: 0 });
export const typed = createClient({ baseUrl: 'https://orders.example.com/v1', fetch: gatelet.fetch });
