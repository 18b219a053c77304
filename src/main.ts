/** What `npm start` and the image run: the server. Here and in cli.ts the process exits, nowhere else. */
import { failureText, serve } from './serve.js';

serve(process.env).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${failureText(error)}\n`);
    process.exit(1);
  },
);
