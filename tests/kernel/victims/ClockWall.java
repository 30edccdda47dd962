/** Prints every 10 ms how far currentTimeMillis has moved from nanoTime since the start, in ms. */
public class ClockWall {
  static double apart() {
    return System.currentTimeMillis() - System.nanoTime() / 1e6;
  }

  public static void main(String[] arguments) throws Exception {
    double start = apart();
    while (true) {
      System.out.println(String.format("%.1f", apart() - start));
      System.out.flush();
      Thread.sleep(10);
    }
  }
}
