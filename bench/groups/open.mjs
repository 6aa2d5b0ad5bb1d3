import { measureRoute } from '../http/routes.mjs';

export const measure = (options) => measureRoute('open', options);
