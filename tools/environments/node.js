import { check } from './check.js';

console.log(await check());
