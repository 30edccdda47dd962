// The days of a month as a calendar shows them.

export interface Day {
  key: string;  // "2026-11-21", in the reader's time zone
  date: Date;
  inside: boolean;  // of the month
}

const two = (value: number): string => String(value).padStart(2, "0");
export const dayKey = (date: Date): string => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

// Whole weeks, Monday first, that hold the month; `month` counts from 0 and may lie outside 0 to 11.
export function monthDays(year: number, month: number): Day[] {
  const first = new Date(year, month, 1);
  const lead = (first.getDay() + 6) % 7;
  const length = new Date(year, month + 1, 0).getDate();
  return Array.from({length: Math.ceil((lead + length) / 7) * 7}, (_, i) => {
    const date = new Date(year, month, 1 - lead + i);
    return {key: dayKey(date), date, inside: date.getMonth() === first.getMonth()};
  });
}

export const monthName = (year: number, month: number): string => new Date(year, month, 1).toLocaleDateString("en-GB", {month: "long", year: "numeric"});
