import { check } from './check.js';

globalThis.odVaeResult = check().catch((error) => String(error.stack));
