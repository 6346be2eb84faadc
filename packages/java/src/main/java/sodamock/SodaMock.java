package sodamock;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests of this class take a {@link Server}, one for the run, and a {@link Space}, one for the test, as parameters. A
 * test that fails says what was sent to its space and what became of each row.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(SodaMockExtension.class)
public @interface SodaMock {}
