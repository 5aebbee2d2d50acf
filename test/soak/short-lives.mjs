// What children of lives.mjs do.
export function nothing() {}

export function add(value) {
  value.add(1);
}

export function exit(code) {
  process.exit(code);
}

export function print() {
  console.log('text');
}

export async function receive(connection) {
  await connection.recv();
}

export async function meet(everybody, value) {
  await everybody.wait();
  value.add(1);
}
