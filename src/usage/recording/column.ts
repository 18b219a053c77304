/**
 * Columns of the table of records, as data: the INSERT, the entity, the API's view and the defaults of a record derive
 * from one table of them. The name in SQL is the member's name in snake case. Pure.
 */

export type SqlType =
  'uuid' | 'uuid[]' | 'text' | 'timestamptz' | 'bigint' | 'boolean' | 'double precision' | 'smallint' | 'jsonb';

/** How the API shows a column. */
export interface ColumnView {
  /** `restricted`: only to readers of all records. */
  readonly access: 'all' | 'restricted' | 'none';
  /** Default: the member's name. */
  readonly name?: string;
  /** Converts the stored value. A method, so that columns of any value fit one type. Default: none. */
  toView?(this: void, stored: unknown): unknown;
}

/** `Field`: in a record. `Stored`: as read from the database. Null in a record is NULL in the database. */
export interface Column<Field = unknown, Stored = Field> {
  readonly type: SqlType;
  readonly isNullable: boolean;
  readonly isPrimary?: boolean;
  /** Digits of fractions of a second. */
  readonly precision?: number;
  /** Default of the database. */
  readonly default?: string | boolean;
  /** SQL over the row of JSON that is inserted instead of the column's value. */
  readonly insertedSql?: string;
  /** The field's value where a call ended before it was known; absent: every record states it. */
  readonly empty?: Field;
  /** Converts the field to its JSON value; undefined: NULL. A method, as `show`. Default: none. */
  toJson?(this: void, field: unknown): unknown;
  /** Computes the JSON value from other fields; the column has no field of its own. */
  compute?(this: void, record: object): unknown;
  readonly view: ColumnView;
  /** Exists for the compiler only. */
  readonly stored?: Stored;
}

type Options = Partial<Omit<Column, 'type' | 'isNullable' | 'empty' | 'stored' | 'view' | 'toJson'>>;
interface Conversion<Field> {
  toJson?(this: void, field: Field): unknown;
}

const VISIBLE: ColumnView = { access: 'all' };

/** A column that every record states. */
export const defineRequired = <Field, Stored = Field>(
  type: SqlType,
  options: Options & Conversion<Field> = {},
): Column<Field, Stored> => ({ type, isNullable: false, view: VISIBLE, ...options });

type WithEmpty<Field, Stored = Field> = Column<Field, Stored> & { readonly empty: Field };

export const defineNullable = <Field, Stored = Field>(
  type: SqlType,
  options: Options & Conversion<Field | null> = {},
): WithEmpty<Field | null, Stored | null> => ({ type, isNullable: true, empty: null, view: VISIBLE, ...options });

/** A column whose default in the database is also that of a record. */
export const defineWithDefault = <Field extends string | boolean>(
  type: SqlType,
  value: Field,
  options: Options = {},
): WithEmpty<Field> => ({ type, isNullable: false, default: value, empty: value, view: VISIBLE, ...options });

type Computed<Stored> = Column<never, Stored | null> & { compute(this: void, record: object): unknown };

/** A nullable column without a field of its own. Null and undefined are NULL. */
export const defineComputed = <Source extends object, Stored = string>(
  type: SqlType,
  compute: (record: Source) => unknown,
): Computed<Stored> => ({ type, isNullable: true, compute, view: VISIBLE });

export const hide = <Of extends Column>(column: Of): Of => ({ ...column, view: { access: 'none' } });

/** Shows the column only to readers of all records. */
export const restrict = <Of extends Column>(column: Of): Of => ({ ...column, view: { access: 'restricted' } });

/** Shows the stored value converted, under another name if `name` is given. NULL is shown as null. */
export const withView = <Of extends Column, Stored>(
  column: Of,
  toView: (stored: Stored) => unknown,
  name?: string,
): Of => ({
  ...column,
  view: { access: 'all', name, toView: (stored: Stored | null) => (stored === null ? null : toView(stored)) },
});

export type Columns = Readonly<Record<string, Column>>;

/** Members of a record that have a column of their own. */
export type FieldsOf<C> = {
  -readonly [M in keyof C as C[M] extends { compute: unknown } ? never : M]: FieldOf<C[M]>;
};
type FieldOf<C> = C extends Column<infer Field, infer _> ? Field : never;

/** A row of the table as read from the database. */
export type RowOf<C> = { -readonly [M in keyof C]: C[M] extends Column<infer _, infer Stored> ? Stored : never };

/** The fields that have a value before a call is known. */
export type EmptyFieldsOf<C> = {
  readonly [M in keyof C as C[M] extends { readonly empty: unknown } ? M : never]: FieldOf<C[M]>;
};

export const toColumnName = (member: string): string =>
  member.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export const getEmptyFields = <C extends Columns>(columns: C): EmptyFieldsOf<C> =>
  Object.fromEntries(
    Object.entries(columns).flatMap(([member, column]) => ('empty' in column ? [[member, column.empty]] : [])),
  ) as EmptyFieldsOf<C>;

/**
 * Returns a function from a record to its row of JSON, whose members are the columns' names. Generated once as one object
 * literal: a loop over the columns would take twice as long, for every call. Undefined members are omitted from JSON, and
 * so become NULL.
 */
export function compileJsonReader<Of extends object>(columns: Columns): (record: Of) => object {
  const values = Object.entries(columns).map(([member, { compute, toJson }]) => {
    const value = compute
      ? `columns.${member}.compute(record)`
      : toJson
        ? `columns.${member}.toJson(record.${member})`
        : `record.${member}`;
    return `${toColumnName(member)}: ${value} ?? undefined`;
  });
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the text consists of names in the source code
  const compile = new Function('columns', `return (record) => ({ ${values.join(', ')} });`) as (
    columns: Columns,
  ) => (record: Of) => object;
  return compile(columns);
}
