// Starts DynamoDB Local on 127.0.0.1 alone; the emulator has no option for the address.
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import software.amazon.dynamodb.services.local.main.ServerRunner;
import software.amazon.dynamodb.services.local.server.DynamoDBProxyServer;

class LoopbackDynamo {
    public static void main(String[] args) throws Exception {
        DynamoDBProxyServer emulator = ServerRunner.createServerFromCommandLineArgs(args);
        var field = DynamoDBProxyServer.class.getDeclaredField("server");
        field.setAccessible(true);
        for (var connector : ((Server) field.get(emulator)).getConnectors()) {
            ((ServerConnector) connector).setHost("127.0.0.1");
        }
        emulator.start();
        emulator.join();
    }
}
