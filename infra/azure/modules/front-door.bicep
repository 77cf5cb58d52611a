// The Front Door itself. The apps need its id before there is anything to point it at.

param name string

resource profile 'Microsoft.Cdn/profiles@2024-02-01' = {
  name: name
  location: 'global'
  sku: {
    name: 'Standard_AzureFrontDoor'
  }
  properties: {
    // Longer than the longest request of an app.
    originResponseTimeoutSeconds: 60
  }
}

output name string = profile.name
output id string = profile.properties.frontDoorId
