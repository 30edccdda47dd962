/**
 * Prints every 10 ms how far currentTimeMillis has moved from nanoTime since the start, in ms: as the first thread reads
 * them, and as another one does. With an argument it also runs that program, with the argument 1, over and over.
 */
public class ClockWall {
  static volatile double other;

  static double apart() {
    return System.currentTimeMillis() - System.nanoTime() / 1e6;
  }

  interface Step {
    void take() throws Exception;
  }

  static void repeat(Step step) {
    Thread thread = new Thread(() -> {
      try {
        while (true) step.take();
      } catch (Exception failure) {
        System.err.println(failure);
      }
    });
    thread.setDaemon(true);
    thread.start();
  }

  public static void main(String[] arguments) throws Exception {
    double start = apart();
    repeat(() -> {
      other = apart() - start;
      Thread.sleep(5);
    });
    if (arguments.length > 0)
      repeat(() -> new ProcessBuilder(arguments[0], "1").inheritIO().start().waitFor());
    while (true) {
      System.out.print(String.format("%.1f %.1f\n", apart() - start, other));
      System.out.flush();
      Thread.sleep(10);
    }
  }
}
