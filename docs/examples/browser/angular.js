// Angular: an interceptor for HttpClient. It adds the token where `gatelet.fetch` would.
import { from, switchMap } from 'rxjs';
import { gatelet } from './client.js';

export const ORIGINS = ['https://orders.example.com'];
export const withToken = (request, next) => {
  const { origin } = new URL(request.url, location.href);
  if (!ORIGINS.includes(origin)) return next(request);
  const bearer = (token) => request.clone({ setHeaders: { authorization: `Bearer ${token}` } });
  return from(gatelet.token(origin)).pipe(switchMap((token) => next(bearer(token))));
};
