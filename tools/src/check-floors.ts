// Fails when a package depends on its own or a higher floor: node tools/dist/check-floors.js
import { climbingEdges } from './floors.ts';

const edges = climbingEdges();
for (const edge of edges) console.error(edge);
if (edges.length > 0) process.exitCode = 1;
else console.log('floors: every package depends on lower floors only');
