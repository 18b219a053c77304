/** The exit code for an invalid command line. */
export const WRONG_COMMAND_LINE = 2;
