import { IsIn, IsArray, ArrayMinSize, ArrayUnique, Matches, ValidateBy } from 'class-validator';
import { isTimeZone, WEEKDAYS, type Weekday } from '../../platform/time/zoned-time.js';

/** Times of a 24-hour clock, and the end of a day. */
const FROM = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const TO = /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/;

const IsTimeZone = () =>
  ValidateBy({
    name: 'isTimeZone',
    validator: {
      validate: (value) => typeof value === 'string' && isTimeZone(value),
      defaultMessage: () => '$property must be a time zone of the IANA database, such as Europe/Berlin',
    },
  });

/** Equal `from` and `to` could mean either no time at all or the whole day. */
const DiffersFrom = (other: string) =>
  ValidateBy({
    name: 'differsFrom',
    validator: {
      validate: (value, { object } = { object: {} } as never) => value !== (object as Record<string, unknown>)[other],
      defaultMessage: () => `$property must differ from ${other}; the whole day is 00:00 to 24:00`,
    },
  });

/** Hours in which calls are accepted. */
export class AllowedHoursBody {
  /** Days on which the window begins. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(WEEKDAYS, { each: true })
  days: Weekday[];

  /** When it begins, as `08:00`. */
  @Matches(FROM, { message: '$property must be a time of day such as 08:00' })
  from: string;

  /**
   * When it ends, such as `18:00`; this minute is excluded. Earlier than `from`: it continues past midnight. `24:00` is
   * the end of the day.
   */
  @DiffersFrom('from')
  @Matches(TO, { message: '$property must be a time of day such as 18:00, or 24:00' })
  to: string;

  /** The IANA time zone of the times, such as `Europe/Berlin`. */
  @IsTimeZone()
  timeZone: string;
}
