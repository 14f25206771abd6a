// PGlite with pgvector behind a socket. Prints "PORT n" once it listens; ends when its standard input does.
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

const db = await PGlite.create({ extensions: { vector } });
const server = new PGLiteSocketServer({ db, host: '127.0.0.1', port: 0, maxConnections: 16 });

// PGlite takes one message at a time and cannot wait for the next one in the middle of COPY FROM STDIN: it ends there. So the messages of a COPY are gathered here, and handed over
// together once the client has sent the last. The client is told to go on at once, which is what PostgreSQL does.
const queue = server.queryQueue;
const enqueue = queue.enqueue.bind(queue);
const clear = queue.clearQueueForHandler.bind(queue);
const copies = new Map();

const copyIn = sql => {
  const list = /^\s*COPY\s[^]*\(((?:"(?:[^"]|"")*"(?:,\s*)?)+)\)\s+FROM\s+STDIN/i.exec(sql);
  if (list === null) {
    return null;
  }
  const columns = list[1].match(/"(?:[^"]|"")*"/g).length;
  const response = Buffer.alloc(8 + 2 * columns);
  response.write('G', 0);
  response.writeInt32BE(7 + 2 * columns, 1);
  response.writeInt8(1, 5);
  response.writeInt16BE(columns, 6);
  for (let i = 0; i < columns; i++) {
    response.writeInt16BE(1, 8 + 2 * i);
  }
  return response;
};

queue.enqueue = async (id, message, onData) => {
  const kind = String.fromCharCode(message[0]);
  const gathered = copies.get(id);
  if (gathered === undefined) {
    const response = kind === 'Q' ? copyIn(Buffer.from(message.subarray(5, message.length - 1)).toString()) : null;
    if (response === null) {
      return enqueue(id, message, onData);
    }
    copies.set(id, [message]);
    onData(response);
    return response.length;
  }
  gathered.push(message);
  if (kind !== 'c' && kind !== 'f') {
    return 0;
  }
  copies.delete(id);
  const answers = [];
  await enqueue(id, new Uint8Array(Buffer.concat(gathered)), data => answers.push(Buffer.from(data)));
  let answer = Buffer.concat(answers);
  if (answer.length > 0 && answer[0] === 'G'.charCodeAt(0)) {
    answer = answer.subarray(1 + answer.readInt32BE(1));
  }
  onData(answer);
  return answer.length;
};

queue.clearQueueForHandler = id => {
  copies.delete(id);
  clear(id);
};

server.addEventListener('listening', event => console.log(`PORT ${event.detail.port}`));
process.stdin.on('end', () => process.exit(0)).resume();
await server.start();
