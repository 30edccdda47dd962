import java.util.concurrent.atomic.AtomicLong;

/**
 * As clock_judge.c, in four threads: currentTimeMillis is judged by nanoTime, while the garbage collector runs. A reading
 * during which the thread lost its processor for long cannot be judged and does not count.
 */
public class ClockJudge {
  static final AtomicLong readings = new AtomicLong(), shifted = new AtomicLong();
  static final AtomicLong wrong = new AtomicLong(), back = new AtomicLong();
  static double base;

  static double milliseconds(long nanoseconds) {
    return nanoseconds / 1e6;
  }

  static double apart(double longest) {
    while (true) {
      long before = System.nanoTime();
      long wall = System.currentTimeMillis();
      long after = System.nanoTime();
      if (after < before) back.incrementAndGet();
      if (milliseconds(after - before) <= longest) return wall - milliseconds(before);
    }
  }

  static void judge() {
    double moved = apart(1) - base;
    readings.incrementAndGet();
    if (Math.abs(moved) < 5) return;
    if (Math.abs(moved - 60_000) < 5 || Math.abs(moved + 90_000) < 5) shifted.incrementAndGet();
    else wrong.incrementAndGet();
  }

  static void spin() {
    long sum = 0;
    while (true) {
      byte[] waste = new byte[4096];
      for (int i = 0; i < 100; i++) {
        judge();
        sum += waste[i];
      }
      if (sum != 0) wrong.incrementAndGet();
    }
  }

  public static void main(String[] arguments) throws Exception {
    base = apart(0.1);
    for (int i = 0; i < 4; i++) new Thread(ClockJudge::spin).start();
    while (true) {
      Thread.sleep(20);
      System.out.println(readings.getAndSet(0) + " " + shifted.getAndSet(0) + " " + wrong.getAndSet(0) + " " + back.getAndSet(0));
      System.out.flush();
    }
  }
}
