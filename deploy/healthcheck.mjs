/** For the container engine: ends with 0 when the server in this network namespace is alive. */
const host = process.env.HOST === '::1' ? '[::1]' : (process.env.HOST ?? '127.0.0.1');
const response = await fetch(`http://${host}:${process.env.PORT ?? 8103}/healthz`);
process.exitCode = response.ok ? 0 : 1;
