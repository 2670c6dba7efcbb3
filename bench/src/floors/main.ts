import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FLOORS, type FloorName } from './floors.ts';
import type { Floor } from './floor.ts';

/** The process of one floor: told what to be by its arguments, tells its port to its parent, ends with it. */
const [floorName = '', variant = ''] = process.argv.slice(2);
const databaseUrl = process.env.DATABASE_URL;
const floor = FLOORS[floorName as FloorName] as Floor | undefined;
if (!floor || !databaseUrl || !process.send)
  throw new Error('started by the benchmark only: a floor, a variant, DATABASE_URL');

const open = await floor.open(databaseUrl, variant);
const server = createServer((request, response) => {
  open.handle(request, response).catch((error: unknown) => {
    console.error('floor:', error);
    response.writeHead(500, { 'content-length': 0 }).end();
  });
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit());
