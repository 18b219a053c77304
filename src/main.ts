/** The entry point of `npm start` and of the image: the server. The process exits only here and in cli.ts. */
import { failureText, serve } from './app/serve.js';

serve(process.env).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${failureText(error)}\n`);
    process.exit(1);
  },
);
