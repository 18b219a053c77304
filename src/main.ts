/** The entry point of `npm start` and of the image: the server. The process exits only here and in cli.ts. */
import { formatFailure } from './app/failure.js';
import { serve } from './app/serve.js';

serve(process.env).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${formatFailure(error)}\n`);
    process.exit(1);
  },
);
